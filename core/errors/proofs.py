"""Screenshots and where they are kept (core/proofs.py, bot/storage.py)."""

from core.errors.base import Conflict, InvalidInput, NotAllowed, NotFound


class ProofEmpty(InvalidInput):
    """The screenshot has no bytes."""

    code = "proof_empty"


class ProofTooLarge(InvalidInput):
    """The screenshot has more bytes than we take."""

    code = "proof_too_large"
    fields = ("megabytes",)


class ProofNotAPicture(InvalidInput):
    """Not a PNG, JPEG or WebP picture, whatever it is called, or a damaged one."""

    code = "proof_not_a_picture"


class ProofTooManyPixels(InvalidInput):
    """The picture has more pixels than we decode."""

    code = "proof_too_many_pixels"
    fields = ("megapixels",)


class ProofTooSmall(InvalidInput):
    """The picture is too small to show anything."""

    code = "proof_too_small"
    fields = ("pixels",)


class ProofMissing(NotFound):
    """The store does not have this picture (any more)."""

    code = "proof_missing"


class StorageUnavailable(Conflict):
    """The store of proofs cannot be reached or used right now."""

    code = "storage_unavailable"


class ProofNotStored(StorageUnavailable):
    """The same, while a screenshot was to be stored: so nothing was registered."""

    code = "proof_not_stored"


class StorageFolderUnusable(Conflict):
    """The folder for proofs cannot be made, or not be written."""

    code = "storage_folder_unusable"
    fields = ("folder", "reason")


class StorageEndpointInvalid(InvalidInput):
    """The S3 endpoint is not a host with an optional port."""

    code = "storage_endpoint_invalid"
    fields = ("value",)


class StorageBucketInvalid(InvalidInput):
    """No S3 bucket can have this name."""

    code = "storage_bucket_invalid"
    fields = ("value",)


class StorageBucketMissing(NotFound):
    """The S3 server has no bucket of this name."""

    code = "storage_bucket_missing"
    fields = ("bucket", "endpoint")


class StorageAccessDenied(NotAllowed):
    """The S3 server refuses these keys."""

    code = "storage_access_denied"
    fields = ("bucket", "endpoint")


class StorageUnreachable(StorageUnavailable):
    """The S3 server does not answer, asked at start where somebody can correct the address."""

    code = "storage_unreachable"
    fields = ("endpoint",)


class StorageClientMissing(Conflict):
    """S3 is configured, but the optional package for it is not installed."""

    code = "storage_client_missing"


class AmountNotPositive(InvalidInput):
    """The amount must be more than zero."""

    code = "amount_not_positive"
    fields = ("field",)
