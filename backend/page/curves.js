// The curves that a job may have, by what is shown at once, and how their values are written.

import { precise, short } from "./scale.js";
import { size } from "./words.js";

const line = (word, long = word) => ({ kind: "train", word, long });
const tokens = (value) => short(Math.round(value));

export const GROUPS = {
  loss: {
    title: "Loss",
    curves: {
      "train.loss": line("training", "training loss"),
      "val.loss": { kind: "validation", word: "validation", long: "validation loss" },
    },
    value: precise,
    level: short,
  },
  rate: { title: "Learning rate", curves: { "train.learning_rate": line("learning rate") }, value: precise, level: short },
  norm: { title: "Gradient norm", curves: { "train.grad_norm": line("gradient norm") }, value: precise, level: short },
  tokens: { title: "Tokens/s", curves: { "train.tokens_per_second": line("tokens/s") }, value: tokens, level: short, low: 0 },
  memory: { title: "Memory", curves: { "train.memory": line("memory") }, value: size, level: size, low: 0 },
};
