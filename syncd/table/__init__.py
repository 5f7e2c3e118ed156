"""Spreadsheets and exports, CSV and XLSX, as a system like any other: `kind: table` of a connector
file.

`files` reads it, tells every mistake and makes small immutable objects of it; the rest of the
package runs them as a Connector. It sees the port, the domain and the errors, and asks for files by
requests, from a folder of this machine (`file:///srv/exports`) or from a web server.
"""
