"""Pure translation between canonical entities and Xero's wire form, one module per resource."""
