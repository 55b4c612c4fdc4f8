"""A layer as the arguments that make an equal one."""

from __future__ import annotations

from typing import Any

from dl_layers.layer.precision import policy_to_write
from dl_layers.layer.state import LayerState
from dl_ops.objects import serialize_keras_object
from dl_ops.objects.arguments import arguments_config


class LayerConfiguration(LayerState):
    """The configuration of a layer."""

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal layer; subclasses add their own.

        Raises
        ------
        NotImplementedError
            If a subclass takes arguments that have no automatic configuration and does not define ``get_config``.
        """
        layer: Any = self
        config: dict[str, Any] = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": serialize_keras_object(policy_to_write(layer)),
        }
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = serialize_keras_object(self.activity_regularizer)
        if type(self).get_config is LayerConfiguration.get_config and any(self._init_arguments):
            config.update(self._init_config())
        return config

    def _init_config(self) -> dict[str, Any]:
        """The arguments the layer was made with, if all of them can be written to a file."""
        # what name, dtype and trainable are now is in the configuration already
        return arguments_config(self, *self._init_arguments, without=("name", "dtype", "trainable"))

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make a layer from its configuration.

        Parameters
        ----------
        config : dict
            As `get_config` gives; nested configurations of objects are read by subclasses.

        Returns
        -------
        Layer

        Raises
        ------
        TypeError
            If the configuration does not fit the class.
        """
        try:
            return cls(**config)
        except TypeError as error:
            raise TypeError(f"{cls.__name__}.from_config(): {error}; configuration: {sorted(config)}") from error
