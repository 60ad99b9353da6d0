"""Section 5 of the dossier, contacts: one object for customers and suppliers."""

from tests.services.sandbox.server import Json
from tests.services.sandbox.xero.client import XeroClient, errors, unique

TAKEN = "is already assigned to another contact. The contact name must be unique across all active"
ARCHIVED = (
    "The contact with the specified contact details has been archived. "
    "The contact must be un-archived before creating new invoices or credit notes."
)


def archive(xero: XeroClient, contact: Json) -> Json:
    return xero.update("Contacts", contact["ContactID"], {"ContactStatus": "ARCHIVED"})


def test_name_is_required(xero: XeroClient) -> None:
    """Required: `Name`."""
    xero.refuse("PUT", "/Contacts", {"Contacts": [{"EmailAddress": "a@example.org"}]}, "")


def test_a_new_contact_is_active_and_neither_customer_nor_supplier(xero: XeroClient) -> None:
    """`IsCustomer`, `IsSupplier`: a fresh contact has both false."""
    made = xero.contact()
    assert (made["ContactStatus"], made["IsCustomer"], made["IsSupplier"]) == (
        "ACTIVE",
        False,
        False,
    )
    found = xero.records("Contacts", where="IsCustomer==true")
    assert made["ContactID"] not in {c["ContactID"] for c in found}


def test_the_first_document_sets_customer_or_supplier(xero: XeroClient) -> None:
    """Read-only: `IsCustomer`, `IsSupplier` (set by the first invoice/bill)."""
    made = xero.contact()
    reference = {"ContactID": made["ContactID"]}
    xero.invoice(Contact=reference)
    after = xero.read("Contacts", made["ContactID"])
    assert (after["IsCustomer"], after["IsSupplier"]) == (True, False)
    xero.create("Invoices", xero.bill(Contact=reference))
    assert xero.read("Contacts", made["ContactID"])["IsSupplier"] is True


def test_read_only_fields_are_ignored(xero: XeroClient) -> None:
    """Read-only: `IsCustomer`, `IsSupplier`, `Balances`, `Discount`, `Website`."""
    made = xero.contact(IsCustomer=True, IsSupplier=True, Website="https://a.example")
    after = xero.read("Contacts", made["ContactID"])
    assert (after["IsCustomer"], after["IsSupplier"]) == (False, False)
    assert not after.get("Website")


def test_balances(xero: XeroClient) -> None:
    """Read-only: … `Balances` (receivable outstanding follows the invoices)."""
    made = xero.contact()
    invoice = xero.untaxed(100, Contact={"ContactID": made["ContactID"]})
    xero.pay(invoice, 40)
    balances = xero.read("Contacts", made["ContactID"])["Balances"]
    assert balances["AccountsReceivable"]["Outstanding"] == 60


def test_duplicate_name_on_put(xero: XeroClient) -> None:
    """Duplicate on PUT: "The contact name Rata Cafe is already assigned to another contact. …"."""
    name = xero.contact()["Name"]
    body = {"Contacts": [{"Name": name}]}
    xero.refuse("PUT", "/Contacts", body, f"The contact name {name} {TAKEN}")


def test_names_compare_case_insensitively(xero: XeroClient) -> None:
    """`Name` unique among **active** contacts, compare case-insensitively."""
    name = xero.contact()["Name"]
    xero.refuse("PUT", "/Contacts", {"Contacts": [{"Name": name.upper()}]}, TAKEN)


def test_names_compare_after_trim_or_not(xero: XeroClient) -> None:
    """…after trim (**UNCONFIRMED** on trimming): refused, or a contact of its own."""
    name = xero.contact()["Name"]
    [element] = xero.bulk("Contacts", [{"Name": f" {name} "}])
    assert not errors(element) or TAKEN in errors(element)[0]


def test_an_archived_contact_frees_its_name(xero: XeroClient) -> None:
    """`Name` unique among **active** contacts."""
    first = xero.contact()
    archive(xero, first)
    second = xero.create("Contacts", {"Name": first["Name"]})
    assert second["ContactID"] != first["ContactID"]


def test_rename_to_a_taken_name_is_refused(xero: XeroClient) -> None:
    """`Name` unique among **active** contacts."""
    first, second = xero.contact(), xero.contact()
    path = f"/Contacts/{second['ContactID']}"
    xero.refuse("POST", path, {"Name": first["Name"]}, TAKEN)


def test_post_with_a_known_name_updates_or_is_refused(xero: XeroClient) -> None:
    """POST with a known `Name` and no id is taken as an update of it (**UNCONFIRMED**)."""
    made = xero.contact()
    sent = {"Name": made["Name"], "EmailAddress": "new@example.org"}
    [element] = xero.bulk("Contacts", [sent], "POST")
    assert errors(element) or element["ContactID"] == made["ContactID"]
    found = xero.records("Contacts", searchTerm=made["Name"])
    assert len(found) == 1


def test_post_by_id_is_sparse(xero: XeroClient) -> None:
    """`POST /Contacts/{ContactID}`; absent = unchanged."""
    made = xero.contact(EmailAddress="a@example.org", FirstName="Rata")
    xero.update("Contacts", made["ContactID"], {"FirstName": "Rita"})
    after = xero.read("Contacts", made["ContactID"])
    assert (after["FirstName"], after["EmailAddress"], after["Name"]) == (
        "Rita",
        "a@example.org",
        made["Name"],
    )


def test_contact_number_is_unique(xero: XeroClient) -> None:
    """`ContactNumber` unique ("Another contact has this contact number…")."""
    number = unique("C")
    xero.contact(ContactNumber=number)
    sent = {"Name": unique("Rata"), "ContactNumber": number}
    xero.refuse("PUT", "/Contacts", {"Contacts": [sent]}, "Another contact has this contact number")


def test_read_by_id_and_contact_number(xero: XeroClient) -> None:
    """`GET /Contacts/{ContactID | ContactNumber}`."""
    made = xero.contact(ContactNumber=unique("C"))
    by_id = xero.read("Contacts", made["ContactID"])
    assert xero.read("Contacts", made["ContactNumber"]) == by_id
    assert by_id["ContactNumber"] == made["ContactNumber"]


def test_post_by_contact_number_upserts(xero: XeroClient) -> None:
    """customer upsert with invoice: native, POST /Contacts by ContactNumber (section 12)."""
    made = xero.contact(ContactNumber=unique("C"))
    sent = {"ContactNumber": made["ContactNumber"], "Name": unique("Rimu Bar")}
    after = xero.create("Contacts", sent, "POST")
    assert (after["ContactID"], after["Name"]) == (made["ContactID"], sent["Name"])


def test_account_number_is_free(xero: XeroClient) -> None:
    """`AccountNumber` <=50, free and editable by the user."""
    for _ in range(2):
        assert xero.contact(AccountNumber="A-1")["AccountNumber"] == "A-1"


def test_find_by_where_search_and_ids(xero: XeroClient) -> None:
    """`GET /Contacts?where=Name=="Rata Cafe"|searchTerm=|IDs=`."""
    made = xero.contact(EmailAddress="rata@example.org")
    xero.contact()
    for params in (
        {"where": f'Name=="{made["Name"]}"'},
        {"searchTerm": made["Name"].lower()},
        {"searchTerm": "rata@example"},
        {"IDs": made["ContactID"]},
    ):
        assert [c["ContactID"] for c in xero.records("Contacts", **params)] == [made["ContactID"]]


def test_archive(xero: XeroClient) -> None:
    """archive = POST with `ARCHIVED`; archived contacts only with `includeArchived=true`."""
    made = xero.contact()
    assert archive(xero, made)["ContactStatus"] == "ARCHIVED"
    assert made["ContactID"] not in {c["ContactID"] for c in xero.records("Contacts")}
    both = xero.records("Contacts", includeArchived="true")
    assert made["ContactID"] in {c["ContactID"] for c in both}
    assert xero.read("Contacts", made["ContactID"])["ContactStatus"] == "ARCHIVED"


def test_there_is_no_delete(xero: XeroClient) -> None:
    """There is no delete."""
    key = xero.contact()["ContactID"]
    assert xero.send("DELETE", f"/Contacts/{key}").status_code in (404, 405, 501)
    assert xero.read("Contacts", key)["ContactStatus"] == "ACTIVE"


def test_no_document_for_an_archived_contact(xero: XeroClient) -> None:
    """Invoice to an archived contact: "The contact with the specified contact details …"."""
    made = xero.contact()
    archive(xero, made)
    reference = {"ContactID": made["ContactID"]}
    xero.refuse("PUT", "/Invoices", {"Invoices": [xero.sale(Contact=reference)]}, ARCHIVED)
    xero.refuse("PUT", "/CreditNotes", {"CreditNotes": [xero.credit(Contact=reference)]}, ARCHIVED)


def test_merged_contact(xero: XeroClient) -> None:
    """Merged in the UI: archived, carries `MergedToContactID` (only on paged or single GET)."""
    lost, kept = xero.contact(), xero.contact()
    ids = {"id": lost["ContactID"], "into": kept["ContactID"]}
    xero.sandbox.bookkeeper(xero.tenant, "merge", resource="Contacts", **ids)
    single = xero.read("Contacts", lost["ContactID"])
    assert single["ContactStatus"] == "ARCHIVED"
    assert single["MergedToContactID"] == kept["ContactID"]
    for params, shown in (({}, False), ({"page": 1}, True)):
        found = xero.records("Contacts", includeArchived="true", **params)
        [merged] = [c for c in found if c["ContactID"] == lost["ContactID"]]
        assert ("MergedToContactID" in merged) is shown


def test_the_api_needs_an_explicit_due_date(xero: XeroClient) -> None:
    """Contact `PaymentTerms` fill it in the UI; the API needs it explicit."""
    terms = {"Sales": {"Day": 10, "Type": "DAYSAFTERBILLDATE"}}
    sale = xero.sale(Contact={"ContactID": xero.contact(PaymentTerms=terms)["ContactID"]})
    del sale["DueDate"]
    xero.refuse("PUT", "/Invoices", {"Invoices": [sale]}, "")
