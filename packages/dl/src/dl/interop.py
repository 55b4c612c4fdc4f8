"""Models of frameworks as layers, and layers as models of frameworks."""

from dl_layers.interop import *
