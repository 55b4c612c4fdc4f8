"""What holds for any arguments: identities of ops, checked with arguments of random shapes, empty ones too."""

import dl_ops.ops  # noqa: F401  # defines every op, some of which are found in its registry
from dl_ops.testing.identities.factors import FACTORS
from dl_ops.testing.identities.identity import Identity, check_identity
from dl_ops.testing.identities.inverses import INVERSES
from dl_ops.testing.identities.linearity import LINEARITY
from dl_ops.testing.identities.order import ORDER
from dl_ops.testing.identities.structure import STRUCTURE

__all__ = ["IDENTITIES", "Identity", "check_identity"]

IDENTITIES = (*LINEARITY, *INVERSES, *FACTORS, *ORDER, *STRUCTURE)
