"""Two real systems on loopback, Tryton 8.2 and BottleCRM 1.35, for the tests and the demo.

Nothing here imports syncd or a connector: whoever checks the product against the world must not
lean on the product. Only the standard library is used, so the demo can tell what is missing before
anything is installed.

cache          folders built once, by a hash of what they are built from
processes      servers that end with whoever started them
prerequisites  what must be on the machine, said in the first second
install        the two environments
books, crm     the two servers, their fresh databases, and the verbs a person would use
company        the demo company's year
compare        both systems read side by side, per customer
demo           the story `make demo` tells
fixtures       `tryton` and `crm` for pytest
inside/        scripts that run in the systems' own interpreters
"""
