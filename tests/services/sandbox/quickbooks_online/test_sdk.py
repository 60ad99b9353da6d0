"""The independent clients python-quickbooks and intuit-oauth, end to end over real HTTP."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from intuitlib.exceptions import AuthClientError
from quickbooks.batch import batch_create
from quickbooks.cdc import change_data_capture
from quickbooks.exceptions import (
    AuthorizationException,
    ObjectNotFoundException,
    QuickbooksException,
)
from quickbooks.objects import (
    Customer,
    Invoice,
    Payment,
)
from quickbooks.objects.base import EmailAddress

from tests.services.sandbox.quickbooks_online.client import connect
from tests.services.sandbox.quickbooks_online.oauth import authorize
from tests.services.sandbox.quickbooks_online.receiver import KEY, Receiver
from tests.services.sandbox.quickbooks_online.sdk import Sdk
from tests.services.sandbox.server import wait_until


def test_oauth(sdk: Sdk) -> None:
    """intuit-oauth: discovery, code, id token, refresh, rotation, user info, revocation."""
    assert sdk.auth.id_token
    assert sdk.auth.realm_id == sdk.realm
    first = sdk.auth.refresh_token
    sdk.auth.refresh()
    assert sdk.auth.refresh_token == first
    sdk.sandbox.advance(90_000)
    sdk.auth.refresh()
    assert sdk.auth.refresh_token != first
    assert sdk.auth.get_user_info().json()["email"]
    assert sdk.auth.revoke() is True
    with pytest.raises(AuthClientError) as refused:
        sdk.auth.refresh()
    assert refused.value.status_code == 400


def test_dead_token(sdk: Sdk) -> None:
    """A 401 becomes the client's AuthorizationException."""
    sdk.sandbox.advance(3_601)
    with pytest.raises(AuthorizationException):
        Customer.all(qb=sdk.qb)


def test_invoice_lifecycle(sdk: Sdk) -> None:
    """Create, read, update, e-mail, PDF, void, delete."""
    customer = sdk.customer()
    made = sdk.invoice(customer)
    read = Invoice.get(made.Id, qb=sdk.qb)
    assert read.CustomerRef.name == customer.DisplayName
    assert read.CustomerMemo.value == "Customer Memo"
    assert (read.Line[0].Description, read.Line[0].Amount) == ("description", 100)
    assert read.Line[1].DetailType == "SubTotalLineDetail"
    read.PrivateNote = "changed"
    saved = read.save(qb=sdk.qb)
    assert (saved.PrivateNote, saved.SyncToken) == ("changed", "1")
    saved.BillEmail = EmailAddress()
    saved.BillEmail.Address = "a@b.example"
    saved = saved.save(qb=sdk.qb)
    assert saved.send(qb=sdk.qb)["Invoice"]["EmailStatus"] == "EmailSent"
    assert saved.download_pdf(qb=sdk.qb).startswith(b"%PDF")
    current = Invoice.get(made.Id, qb=sdk.qb)
    assert current.email_sent
    current.void(qb=sdk.qb)
    void = Invoice.get(made.Id, qb=sdk.qb)
    assert (void.TotalAmt, void.Balance) == (0, 0)
    assert "Voided" in void.PrivateNote
    void.delete(qb=sdk.qb)
    assert Invoice.filter(Id=made.Id, qb=sdk.qb) == []
    with pytest.raises(ObjectNotFoundException):
        Invoice.get(made.Id, qb=sdk.qb)


def test_idempotence(sdk: Sdk) -> None:
    """Both returned invoices have the same id."""
    customer, key = sdk.customer(), str(uuid.uuid4())
    one = sdk.invoice(customer, request_id=key)
    two = sdk.invoice(customer, request_id=key)
    assert one.Id == two.Id
    assert Invoice.count(qb=sdk.qb) == 1


def test_stale_version(sdk: Sdk) -> None:
    """5010 as the client raises it."""
    made = sdk.invoice()
    old = Invoice.get(made.Id, qb=sdk.qb)
    made.save(qb=sdk.qb)
    with pytest.raises(QuickbooksException) as refused:
        old.save(qb=sdk.qb)
    assert refused.value.error_code == 5010


def test_payments(sdk: Sdk) -> None:
    """Pay, read, void; the invoice follows."""
    made = sdk.invoice()
    payment = sdk.payment(made, 40)
    assert Invoice.get(made.Id, qb=sdk.qb).Balance == 60
    read = Payment.get(payment.Id, qb=sdk.qb)
    assert (read.TotalAmt, read.UnappliedAmt) == (40, 0)
    read.void(qb=sdk.qb)
    void = Payment.get(payment.Id, qb=sdk.qb)
    assert void.TotalAmt == 0
    assert "Voided" in void.PrivateNote
    assert Invoice.get(made.Id, qb=sdk.qb).Balance == 100
    void.delete(qb=sdk.qb)
    assert Payment.count(qb=sdk.qb) == 0


def test_customers(sdk: Sdk) -> None:
    """Create, filter, choose, update, make inactive; sub-customers."""
    email = EmailAddress()
    email.Address = "ap@blueheron.example"
    made = sdk.customer(PrimaryEmailAddr=email, GivenName="O'Neil")
    [found] = Customer.filter(GivenName="O'Neil", qb=sdk.qb)
    assert (found.Id, found.PrimaryEmailAddr.Address) == (made.Id, email.Address)
    assert len(Customer.choose([made.Id, "999"], qb=sdk.qb)) == 1
    child = sdk.customer(Job=True, ParentRef=made.to_ref())
    assert child.FullyQualifiedName == f"{made.DisplayName}:{child.DisplayName}"
    made.Active = False
    assert made.save(qb=sdk.qb).DisplayName.endswith("(deleted)")
    with pytest.raises(QuickbooksException) as refused:
        sdk.customer(DisplayName=child.DisplayName)
    assert refused.value.error_code == 6240


def test_batch(sdk: Sdk) -> None:
    """Batches of 30 with 36-character bIds; faults and successes are told apart."""
    customers = []
    for at in range(35):
        one = Customer()
        one.DisplayName = f"Batch {at % 34}"
        customers.append(one)
    answer = batch_create(customers, qb=sdk.qb)
    assert (len(answer.successes), len(answer.faults)) == (34, 1)
    assert answer.faults[0].Error[0].code == "6240"


def test_paging_and_counts(sdk: Sdk) -> None:
    """STARTPOSITION, MAXRESULTS, ORDERBY and COUNT as the client writes them."""
    made = [sdk.customer(DisplayName=f"Page {at:02}") for at in range(12)]
    pages = [
        Customer.where(
            "DisplayName LIKE 'Page%'",
            order_by="DisplayName",
            start_position=start,
            max_results=5,
            qb=sdk.qb,
        )
        for start in (1, 6, 11)
    ]
    assert [c.Id for page in pages for c in page] == [c.Id for c in made]
    assert Customer.count("DisplayName LIKE 'Page%'", qb=sdk.qb) == 12
    assert len(Customer.all(order_by="DisplayName", qb=sdk.qb)) == 12


def test_change_data_capture(sdk: Sdk) -> None:
    """Full objects and deletes, parsed by the client."""
    kept, gone = sdk.invoice(), sdk.invoice()
    gone.delete(qb=sdk.qb)
    since = datetime.now(UTC) - timedelta(minutes=5)
    found = change_data_capture([Invoice, Payment], since.isoformat(), qb=sdk.qb)
    rows = {one.Id: one for one in found.Invoice}
    assert rows[kept.Id].TotalAmt == Decimal(100)
    assert rows[gone.Id].status == "Deleted"
    assert not hasattr(found, "Payment")


def test_throttle(sdk: Sdk) -> None:
    """429 in XML is what the client cannot read: it raises with the text."""
    sdk.sandbox.fault("throttle")
    with pytest.raises(QuickbooksException) as refused:
        Customer.all(qb=sdk.qb)
    assert "ThrottleExceeded" in refused.value.message


def test_webhook_signature(sdk: Sdk, receiver: Receiver) -> None:
    """The client accepts the sandbox's signature and no other."""
    receiver.subscribe(sdk.sandbox, format="classic")
    sdk.customer()
    wait_until(lambda: receiver.deliveries)
    delivery = receiver.deliveries[0]
    given = delivery.headers["intuit-signature"]
    assert sdk.qb.validate_webhook_signature(delivery.raw.decode(), given, KEY)
    assert not sdk.qb.validate_webhook_signature(delivery.raw.decode(), given, KEY + "x")


def test_two_companies(sdk: Sdk) -> None:
    """One consent is one company: the other realm is refused with XML."""
    other = connect(sdk.sandbox)
    sdk.qb.company_id = other.realm
    with pytest.raises(AuthorizationException) as refused:
        Customer.all(qb=sdk.qb)
    assert "SRV-110" in refused.value.detail
    assert authorize(sdk.sandbox, other.realm).is_redirect
