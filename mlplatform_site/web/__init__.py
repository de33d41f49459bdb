"""How gunicorn serves the site: ``gunicorn -c python:mlplatform_site.web.gunicorn_settings``."""
