"""How gunicorn serves the shop; read from the folder it is started in."""

worker_class = "gthread"
workers = 1
threads = 100
timeout = 30
graceful_timeout = 5
forwarded_allow_ips = ""
