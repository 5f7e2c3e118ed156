"""The CRM's WSGI application with a log of the calls it got.

A line (method, path, status) is written before the answer leaves, so whoever has an answer finds
its line; the server's own access log comes after it. `CRM_CALLS` names the file.
"""

# mypy: ignore-errors
# runs in the CRM's own interpreter, whose packages are not installed beside the tests

import os

from crm.wsgi import application as crm

calls = os.open(os.environ["CRM_CALLS"], os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)


def application(environ, start_response):
    def started(status, headers, *error):
        line = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} {status.split()[0]}\n"
        os.write(calls, line.encode())
        return start_response(status, headers, *error)

    return crm(environ, started)
