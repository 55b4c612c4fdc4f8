"""Recurrent layers: cells, and the loop over steps that runs them."""

from dl_layers.recurrent.gru import GRU
from dl_layers.recurrent.gru_cell import GRUCell
from dl_layers.recurrent.lstm import LSTM
from dl_layers.recurrent.lstm_cell import LSTMCell
from dl_layers.recurrent.rnn import RNN
from dl_layers.recurrent.simple_rnn import SimpleRNN
from dl_layers.recurrent.simple_rnn_cell import SimpleRNNCell
from dl_layers.recurrent.stacked_rnn_cells import StackedRNNCells

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "SimpleRNN", "SimpleRNNCell", "StackedRNNCells"]
