"""Write a revision after a change of the store's tables.

``python -m xlflow.store.migrations "what changes"``
"""

import sys

import sqlalchemy as sa

from xlflow.store import migrations

with sa.create_engine("sqlite://").begin() as connection:
    migrations.upgrade(connection)
    print(migrations.write_revision(connection, sys.argv[1]))
