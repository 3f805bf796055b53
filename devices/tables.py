"""Lists of the device pages: keys."""

from core.tables import ActionsColumn, ExportColumn, ListColumn, ListTable, MomentColumn
from devices.models import DeviceKey


class KeyTable(ListTable):
    """Keys of a device, or gateway keys of a factory, with `.live`; their text is never here."""

    title = "keys"

    key = ListColumn("Key", accessor="prefix", css="mono", is_heading=True, cell="devices/cells/key.html")
    state = ListColumn("State", accessor="live", order_by="live", cell="devices/cells/key_state.html")
    issued = MomentColumn("Issued", accessor="created_at", cell="devices/cells/key_issued.html")
    issued_by = ExportColumn("Issued by", accessor="created_by")
    last_used = MomentColumn("Last used", accessor="use__used_at", cell="devices/cells/key_used.html")
    works_until = MomentColumn("Works until", accessor="expires_at", cell="devices/cells/key_until.html")
    revoked = ExportColumn("Revoked", accessor="revoked_at", is_moment=True)
    actions = ActionsColumn("Action", cell="devices/cells/key_actions.html")

    class Meta:
        empty_text = "No key here yet."

    def export_key(self, record: DeviceKey) -> str:
        return str(record)

    def export_state(self, record: DeviceKey) -> str:
        if record.revoked_at:
            return "revoked"
        return "live" if record.live else "expired"
