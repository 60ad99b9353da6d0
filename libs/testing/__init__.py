"""What tests share: stack fixtures, builders, the connector suite."""
