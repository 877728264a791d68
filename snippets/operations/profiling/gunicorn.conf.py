"""How gunicorn serves the shop; read from the folder it is started in."""

workers = 2
threads = 4
pidfile = "gunicorn.pid"
