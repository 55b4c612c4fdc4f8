"""Every op in one flat namespace, and as in Keras four families of them by themselves."""

from dl_ops import image as image
from dl_ops import linalg as linalg
from dl_ops import nn as nn
from dl_ops import numpy as numpy
from dl_ops.autodiff import custom_gradient as custom_gradient
from dl_ops.autodiff import grad as grad
from dl_ops.autodiff import hessian as hessian
from dl_ops.autodiff import jacobian as jacobian
from dl_ops.autodiff import jvp as jvp
from dl_ops.autodiff import remat as remat
from dl_ops.autodiff import value_and_grad as value_and_grad
from dl_ops.autodiff import vjp as vjp
from dl_ops.autodiff import vmap as vmap
from dl_ops.core import *
from dl_ops.core.control_flow import *
from dl_ops.core.rearranging import *
from dl_ops.image.borders import *
from dl_ops.image.color import *
from dl_ops.image.filters import *
from dl_ops.image.patches import *
from dl_ops.image.resizing import *
from dl_ops.image.sampling import *
from dl_ops.image.scaling import *
from dl_ops.image.transforms import *
from dl_ops.interchange import convert_to_numpy as convert_to_numpy
from dl_ops.interchange import convert_to_tensor as convert_to_tensor
from dl_ops.linalg.decompositions import *
from dl_ops.linalg.norms import *
from dl_ops.linalg.solving import *
from dl_ops.math.complex_numbers import *
from dl_ops.math.distances import *
from dl_ops.math.fourier import *
from dl_ops.math.interpolation import *
from dl_ops.math.ranking import *
from dl_ops.math.reductions import *
from dl_ops.math.segments import *
from dl_ops.math.sequences import *
from dl_ops.math.special import *
from dl_ops.math.spectrograms import *
from dl_ops.nn.adaptive_pooling import *
from dl_ops.nn.attention import *
from dl_ops.nn.blocks import *
from dl_ops.nn.complex_numbers import *
from dl_ops.nn.conv import *
from dl_ops.nn.ctc import *
from dl_ops.nn.ctc_decoding import *
from dl_ops.nn.encoding import *
from dl_ops.nn.gates import *
from dl_ops.nn.losses import *
from dl_ops.nn.normalization import *
from dl_ops.nn.patches import *
from dl_ops.nn.pooling import *
from dl_ops.nn.rectifiers import *
from dl_ops.nn.shrinkage import *
from dl_ops.nn.sigmoids import *
from dl_ops.nn.softmax import *
from dl_ops.numpy import *
