"""A system that is spoken to by a YAML file alone, `connectors/NAME.yaml` beside the configuration.

`files` reads it, tells every mistake and makes small immutable objects of it; the rest of the
package runs them as a Connector, and sees no more of syncd than a connector in Python does.
"""
