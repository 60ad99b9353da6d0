"""The connector of QuickBooks Online."""
