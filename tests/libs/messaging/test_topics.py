from contracts.topics import INVOICING_EVENTS
from libs.messaging.topics import Names


def test_the_prefix_stands_before_topics_and_groups() -> None:
    names = Names("t1.")
    assert names.topic(INVOICING_EVENTS) == names.topic("invoicing.events.v1")
    assert names.topic(INVOICING_EVENTS) == "t1.invoicing.events.v1"
    assert names.group("connectors.acme") == "t1.connectors.acme"


def test_a_name_on_the_broker_leads_back_to_the_contract() -> None:
    names = Names("t1.")
    assert names.unprefixed(names.topic(INVOICING_EVENTS)) == INVOICING_EVENTS.name
    assert Names().unprefixed("invoicing.events.v1") == "invoicing.events.v1"
