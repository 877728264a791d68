// What the theme leaves unnamed or out of the keyboard's reach.
function name(selector, text) {
  document.querySelectorAll(selector).forEach((element, index) => {
    element.setAttribute("aria-label", text(index + 1))
  })
}

function reachByKeyboard() {
  for (const element of document.querySelectorAll(".md-typeset__scrollwrap, .md-typeset pre > code")) {
    if (element.scrollWidth > element.clientWidth) element.tabIndex = 0
  }
}

function amend() {
  name(".md-search[role=dialog]", () => "Search")
  name("nav.md-path", () => "You are here")
  name("nav.md-code__nav", (number) => `Actions of code block ${number}`)
  reachByKeyboard()
}

addEventListener("load", amend)
addEventListener("resize", reachByKeyboard)
document.addEventListener("toggle", amend, true)
