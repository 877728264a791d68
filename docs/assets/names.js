// The theme's search dialog has a role and no name: give it one for screen readers.
for (const dialog of document.querySelectorAll('[role="dialog"]:not([aria-label])')) {
  dialog.setAttribute("aria-label", "Search")
}
