"""The store on PostgreSQL: any number of hub processes on one database (PROTOCOL 8.7)."""
