"""How static files are stored in production: names with their digest, and gzip beside them."""

from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage


class ManifestStorage(CompressedManifestStaticFilesStorage):
    def create_compressor(self, **options):
        return Compressor(**options, use_brotli=False)  # at its highest level it takes minutes over the vendored files
