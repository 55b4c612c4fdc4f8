"""Training, evaluation and prediction: one loop for every backend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np

from dl_ops import config, tree
from dl_ops.backend import backend_scope
from dl_ops.tracebacks import short_traceback
from dl_train.callbacks import CallbackList, History
from dl_train.data import EpochIterator, make_adapter, train_validation_split
from dl_train.trainer.batches import is_one_batch
from dl_train.trainer.predicting import Predicting, joined
from dl_train.trainer.training_state import TrainingState

if TYPE_CHECKING:
    from dl_train.callbacks import Callback


class Trainer(Predicting):
    """What makes a layer a model: compiling, fitting, evaluating, predicting. A mixin for `Model`."""

    @short_traceback
    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: Iterable[Callback] | CallbackList | None = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool | str = True,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Sequence[int] = 1,
    ) -> History:
        """Train the model.

        Parameters
        ----------
        x : structure of arrays, or source of batches
            Arrays, tensors of any backend, data frames, in lists or dictionaries as the model takes them; or a
            generator, `PyDataset`, PyTorch ``DataLoader``, ``tf.data.Dataset``, data set of Grain or other iterable of
            batches ``x``, ``(x, y)`` or ``(x, y, sample_weight)``; or samples of `split_dataset` or of a Hugging Face
            data set.
        y : structure of arrays, optional
            Targets, with arrays as `x`; names of columns, with a Hugging Face data set.
        batch_size : int, optional
            Samples in a batch of arrays, by default 32.
        epochs : int, default 1
            Number of the epoch to train up to.
        verbose : {"auto", 0, 1, 2}
            Nothing, a progress bar, or a line for each epoch.
        callbacks : list of Callback, optional
        validation_split : float, default 0.0
            Fraction of the arrays' last samples that are not trained with but evaluated after each epoch.
        validation_data : tuple or source of batches, optional
            ``(x_val, y_val)`` or ``(x_val, y_val, sample_weight)`` to evaluate after each epoch.
        shuffle : bool or "batch", default True
            Whether each epoch has another order, of arrays' samples or, with ``"batch"``, batches.
        class_weight : dict from int to float, optional
            What losses of samples of each class are multiplied by.
        sample_weight : structure of arrays, optional
            What losses of the samples are multiplied by.
        initial_epoch : int, default 0
            Number of the epoch to begin with, to go on with a training.
        steps_per_epoch : int, optional
            Number of batches in an epoch, by default all.
        validation_steps : int, optional
            Number of batches to validate with, by default all.
        validation_batch_size : int, optional
            By default `batch_size`.
        validation_freq : int or sequence of int, default 1
            Validate after each so many epochs, or after these, counted from 1.

        Returns
        -------
        History
            Its ``history`` has the value of each log after each epoch.

        Raises
        ------
        ValueError
            If the model is not compiled, the data are empty or malformed, or arguments do not go together.

        Examples
        --------
        >>> import numpy as np
        >>> from dl_layers.core import Dense, Input
        >>> from dl_train import Sequential
        >>> model = Sequential([Input((1,)), Dense(1, kernel_initializer="zeros")])
        >>> model.compile("sgd", loss="mse")
        >>> x = np.linspace(-1, 1, 64).reshape(-1, 1)
        >>> history = model.fit(x, 3 * x, epochs=2, verbose=0)
        >>> history.history["loss"][1] < history.history["loss"][0]
        True
        """
        self._check_compiled("fit")
        counts: dict[str, Any] = {"epochs": epochs, "initial_epoch": initial_epoch}
        for name, value in counts.items():
            if not isinstance(value, (int, np.integer)) or value < 0:
                raise ValueError(f"fit({name}={value!r}): expected an integer of at least 0")
        most = config.max_epochs()
        epochs = epochs if most is None else min(epochs, most)
        with backend_scope(self._own_backend()), ExitStack() as stack:
            if validation_split and validation_data is None:
                (x, y, sample_weight), validation_data = train_validation_split((x, y, sample_weight), validation_split)
            data = EpochIterator(
                make_adapter(x, y, sample_weight, batch_size, shuffle, class_weight), steps=steps_per_epoch
            )
            stack.callback(data.close)
            validation = self._validation_iterator(
                validation_data, validation_batch_size or batch_size, validation_steps
            )
            if validation is not None:
                stack.callback(validation.close)
            self._prepare(data)
            function = self.make_train_function()
            callback_list = self._callback_list(
                callbacks, verbose=verbose, epochs=epochs, steps=data.num_batches, add_history=True
            )
            self.stop_training = False
            training = TrainingState(self, data, validation, callback_list, int(initial_epoch))  # type: ignore[arg-type]  # a model
            self._remember_for_steps()
            try:
                callback_list.set_training_state(training)
                callback_list.on_train_begin()
                training.training_began()
                logs: dict[str, Any] = {}
                for epoch in training.epochs(epochs):
                    if data.ran_out("training ends"):
                        break
                    self.reset_metrics()
                    data.data.on_epoch_begin()
                    callback_list.on_epoch_begin(epoch)
                    training.epoch_began()
                    logs = self._train_epoch(data, function, callback_list, training)
                    data.data.on_epoch_end()
                    due = validation is not None and _is_due(epoch, validation_freq)
                    if validation is not None and due and not validation.ran_out("validation is left out"):
                        results = self._evaluate(validation, callback_list)
                        logs |= {f"val_{name}": value for name, value in results.items()}
                    callback_list.on_epoch_end(epoch, logs)
                    training.epoch_ended()
                    if self.stop_training:
                        break
                if self.optimizer is not None and epochs > initial_epoch:
                    self.optimizer.finalize_variable_values(self.trainable_variables)
                callback_list.on_train_end(logs)
            finally:
                self._forget_for_steps()
                callback_list.abort()
        return self.history  # type: ignore[no-any-return]  # set by the callback

    @short_traceback
    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Iterable[Callback] | CallbackList | None = None,
        return_dict: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Loss and metrics of the model on data.

        Parameters
        ----------
        x, y, batch_size, sample_weight
            As for `fit`.
        verbose : {"auto", 0, 1, 2}
        steps : int, optional
            Number of batches, by default all.
        callbacks : list of Callback, optional
        return_dict : bool, default False
            Whether results come by name.

        Returns
        -------
        float, list of float or dict from str to float

        Raises
        ------
        ValueError
            As `fit`.
        """
        if kwargs:
            raise TypeError(f"evaluate() got unexpected arguments {sorted(kwargs)}")
        self._check_compiled("evaluate")
        with backend_scope(self._own_backend()), ExitStack() as stack:
            data = EpochIterator(make_adapter(x, y, sample_weight, batch_size), steps=steps)
            stack.callback(data.close)
            self._prepare(data)
            callback_list = self._callback_list(callbacks, verbose=verbose, epochs=1, steps=data.num_batches)
            self._remember_for_steps()
            try:
                logs = self._evaluate(data, callback_list)
            finally:
                self._forget_for_steps()
                callback_list.abort()
        return logs if return_dict else self._flat_results(logs)

    @short_traceback
    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        steps: int | None = None,
        callbacks: Iterable[Callback] | CallbackList | None = None,
    ) -> Any:
        """Outputs of the model for data.

        Parameters
        ----------
        x, batch_size
            As for `fit`; targets among the data are ignored.
        verbose : {"auto", 0, 1, 2}
        steps : int, optional
            Number of batches, by default all.
        callbacks : list of Callback, optional

        Returns
        -------
        structure of numpy.ndarray
            Like the model's outputs, for all samples.

        Raises
        ------
        ValueError
            If the data are empty or malformed.
        """
        if verbose == 0 and callbacks is None and steps is None and is_one_batch(x, batch_size):
            return self.predict_on_batch(x)
        with backend_scope(self._own_backend()), ExitStack() as stack:
            data = EpochIterator(make_adapter(x, batch_size=batch_size), steps=steps)
            stack.callback(data.close)
            self._prepare(data, optimizer=False)
            function = self.make_predict_function()
            callback_list = self._callback_list(callbacks, verbose=verbose, epochs=1, steps=data.num_batches)
            try:
                structure, collected = self._predict_all(data, function, callback_list)
            finally:
                callback_list.abort()
        if not collected:
            raise ValueError("predict(): there is no data: not a single batch")
        return tree.pack_sequence_as(structure, joined(collected))


def _is_due(epoch: int, frequency: int | Sequence[int]) -> bool:
    if isinstance(frequency, int):
        if frequency < 1:
            raise ValueError(f"validation_freq={frequency}: expected a positive integer, or a list of epochs")
        return (epoch + 1) % frequency == 0
    return epoch + 1 in frequency
