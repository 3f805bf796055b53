"""Which version of its rows each key stands for: a function, since its plan is kept and a query's is made each time."""

from django.db import migrations

# A row's place and the transaction that wrote it: together they change with every change of the row.
MAKE = """
CREATE FUNCTION devices_key_versions(prefixes text[]) RETURNS TABLE (prefix varchar, versions text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT k.prefix, concat_ws(' ', k.ctid, k.xmin, f.ctid, f.xmin, d.ctid, d.xmin,
        (SELECT string_agg(concat(p.ctid, p.xmin), ' ' ORDER BY p.id)
         FROM devices_deviceprofile p WHERE p.device_id = d.id))
    FROM devices_devicekey k
    JOIN factories_factory f ON f.id = k.factory_id LEFT JOIN devices_device d ON d.id = k.device_id
    WHERE k.prefix = ANY(prefixes);
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("devices", "0002_initial"), ("factories", "0001_initial")]
    operations = [migrations.RunSQL(MAKE, "DROP FUNCTION devices_key_versions(text[])")]
