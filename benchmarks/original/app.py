"""The original's write path and nothing else, to be measured beside the product's.

For each reading: select the device by its id, insert the reading, update the device's `last_seen`, commit. No key, no
checks, no duplicates told apart. Tuned as far as its shape allows: connections enough for its threads, no refresh.
"""

import os
from datetime import UTC, datetime

from fastapi import Depends, FastAPI, HTTPException
from pydantic import BaseModel
from sqlalchemy import DateTime, Float, ForeignKey, Index, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

THREADS = 40  # of Starlette's pool, where `def` endpoints run
engine = create_engine(os.environ["ORIGINAL_DATABASE_URL"], pool_size=THREADS, max_overflow=0)


class Base(DeclarativeBase):
    pass


class Device(Base):
    __tablename__ = "devices"
    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[str] = mapped_column(unique=True, index=True)
    last_seen: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class SensorReading(Base):
    __tablename__ = "sensor_readings"
    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id"))
    timestamp: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    temperature: Mapped[float | None] = mapped_column(Float)
    gas_index: Mapped[float | None] = mapped_column(Float)
    vibration_x: Mapped[float | None] = mapped_column(Float)
    vibration_y: Mapped[float | None] = mapped_column(Float)
    vibration_z: Mapped[float | None] = mapped_column(Float)
    humidity: Mapped[float | None] = mapped_column(Float)
    pressure: Mapped[float | None] = mapped_column(Float)
    power_consumption: Mapped[float | None] = mapped_column(Float)
    __table_args__ = (Index("readings_of_a_device", "device_id", "timestamp"),)


class ReadingSent(BaseModel):
    device_id: str
    timestamp: datetime | None = None
    temperature: float | None = None
    gas_index: float | None = None
    vibration_x: float | None = None
    vibration_y: float | None = None
    vibration_z: float | None = None
    humidity: float | None = None
    pressure: float | None = None
    power_consumption: float | None = None


def database():
    with Session(engine) as session:
        yield session


app = FastAPI()


@app.get("/ready")
def ready():
    return {"status": "ready"}


@app.post("/ingest", status_code=201)
def ingest(sent: ReadingSent, session: Session = Depends(database)):  # noqa: B008 FastAPI's way
    device = session.scalar(select(Device).where(Device.device_id == sent.device_id))
    if device is None:
        raise HTTPException(404, "Device not found")
    now = datetime.now(UTC)
    values = sent.model_dump(exclude={"device_id", "timestamp"})
    session.add(SensorReading(device_id=device.id, timestamp=sent.timestamp or now, **values))
    device.last_seen = now
    session.commit()
    return {"status": "success"}


def make_tables(device_ids):
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all(Device(device_id=device_id) for device_id in device_ids)
        session.commit()


if __name__ == "__main__":
    import sys

    make_tables(sys.argv[1:])
