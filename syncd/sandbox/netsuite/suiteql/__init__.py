"""SuiteQL: Oracle's SQL over the account's tables, translated for SQLite; what is not SuiteQL is
refused in the vendor's words."""
