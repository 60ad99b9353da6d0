"""The sorts of documents: sales and purchases; invoices and bills, orders, quotes."""

from dataclasses import dataclass, field

from services.sandbox.providers.myob import document_fields
from services.sandbox.providers.myob.fields import Spec


@dataclass(frozen=True, eq=False, slots=True)
class Kind:
    """How one sort of document differs from the others."""

    table: str
    sales: bool
    source: str
    """What settles it names it so: `Type` of a payment's line."""
    posts: bool = False
    order_table: str = ""
    prefix: str = ""
    credit: str = ""
    """The status of a document whose balance is negative."""
    converted: str = ""
    foreign: bool = True
    specs: dict[str, Spec] = field(default_factory=dict)

    @property
    def party(self) -> str:
        """The field that names the card."""
        return "Customer" if self.sales else "Supplier"

    @property
    def cards(self) -> str:
        """The table of the card."""
        return "customers" if self.sales else "suppliers"

    @property
    def details(self) -> str:
        """Where the card keeps its terms and tax codes."""
        return "SellingDetails" if self.sales else "BuyingDetails"

    @property
    def quantity(self) -> str:
        """The quantity of an item line."""
        return "ShipQuantity" if self.sales else "BillQuantity"

    @property
    def sign(self) -> int:
        """+1 where the control account is debited."""
        return 1 if self.sales else -1

    @property
    def control(self) -> str:
        """The system account that holds what is owed."""
        return "receivable" if self.sales else "payable"


SALES, PURCHASES = document_fields.SALES, document_fields.PURCHASES
INVOICE = Kind(
    "invoices",
    sales=True,
    source="Invoice",
    posts=True,
    order_table="sale_orders",
    credit="Credit",
    specs=SALES,
)
BILL = Kind(
    "bills",
    sales=False,
    source="Bill",
    posts=True,
    order_table="purchase_orders",
    credit="Debit",
    specs=PURCHASES,
)
SALE_ORDER = Kind(
    "sale_orders", sales=True, source="Order", converted="ConvertedToInvoice", specs=SALES
)
PURCHASE_ORDER = Kind(
    "purchase_orders", sales=False, source="Order", converted="ConvertedToBill", specs=PURCHASES
)
QUOTE = Kind("quotes", sales=True, source="Quote", foreign=False, specs=SALES)
KINDS = {kind.table: kind for kind in (INVOICE, BILL, SALE_ORDER, PURCHASE_ORDER, QUOTE)}
