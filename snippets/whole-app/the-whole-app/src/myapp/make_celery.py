"""What a worker and the clock start from; the web server does not."""

from . import create_app

celery = create_app().extensions["celery"]
