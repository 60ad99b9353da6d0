"""Pure translation between our entities and the JSON of QuickBooks Online."""
