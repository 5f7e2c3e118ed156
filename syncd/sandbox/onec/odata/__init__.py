"""The standard OData interface: what is asked, and how it is said."""
