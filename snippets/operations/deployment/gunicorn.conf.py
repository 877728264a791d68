"""How gunicorn serves the shop; read from the folder it is started in."""

import os

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4
timeout = 30
graceful_timeout = 25
forwarded_allow_ips = ""
