from tests.netsuite.office import Office
from syncd.port import *
from connectors.netsuite.wire import Wire
import structlog,logging
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
import datetime as dt
from connectors.netsuite import wire as w
old=w._unread
def un(r):
    e=old(r); print("REFUSED", e); return e
w._unread=un
oq=w.Wire.query
def q(self,text,limit=1000):
    try: return (yield from oq(self,text,limit))
    except Exception as e: print("Q",text,e); raise
w.Wire.query=q
o=Office()
print(o.run(o.connector.greet()))
print(o.run(o.connector.discover([dt.date(2026,1,1)],dt.date(2026,1,1))))
[out]=o.run(Office(new_subsidiary="1").connector.push([])) or [0]
o.connector._manner=type(o.connector._manner)("1")
W=Write(Op.CREATE,"customer","CRM-1",None,{}, {"name":"A","street":"x","city":"y","country":"DE"})
print(o.run(o.connector.push([W])))
print(o.run(o.connector.find("customer",{"marker":"CRM-1"},{})))
