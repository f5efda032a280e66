"""Scored chats → the rows of every sheet. Nothing here knows Excel; the workbook stage writes what is built here."""
