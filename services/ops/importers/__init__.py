"""Importers: files of other formats as contract messages, pure and in the order of the file."""
