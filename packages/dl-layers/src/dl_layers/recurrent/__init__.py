"""Recurrent layers: cells, and the loop over steps that runs them."""

from dl_layers.recurrent.conv_lstm1d import ConvLSTM1D
from dl_layers.recurrent.conv_lstm2d import ConvLSTM2D
from dl_layers.recurrent.conv_lstm3d import ConvLSTM3D
from dl_layers.recurrent.gru import GRU
from dl_layers.recurrent.gru_cell import GRUCell
from dl_layers.recurrent.lstm import LSTM
from dl_layers.recurrent.lstm_cell import LSTMCell
from dl_layers.recurrent.rnn import RNN
from dl_layers.recurrent.simple_rnn import SimpleRNN
from dl_layers.recurrent.simple_rnn_cell import SimpleRNNCell
from dl_layers.recurrent.stacked_rnn_cells import StackedRNNCells

__all__ = [
    "GRU",
    "LSTM",
    "RNN",
    "ConvLSTM1D",
    "ConvLSTM2D",
    "ConvLSTM3D",
    "GRUCell",
    "LSTMCell",
    "SimpleRNN",
    "SimpleRNNCell",
    "StackedRNNCells",
]
