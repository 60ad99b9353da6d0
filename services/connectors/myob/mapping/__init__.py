"""Pure translation between canonical entities and MYOB's wire form, one module per resource."""
