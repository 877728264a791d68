"""From a project to what really ran: processes, sessions, transcripts."""
