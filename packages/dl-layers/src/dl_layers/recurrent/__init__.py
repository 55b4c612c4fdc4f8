"""Recurrent layers: cells, and the loop over steps that runs them."""

from dl_layers.recurrent.lstm import LSTM
from dl_layers.recurrent.lstm_cell import LSTMCell
from dl_layers.recurrent.rnn import RNN

__all__ = ["LSTM", "LSTMCell", "RNN"]
