// It starts, and ends soon after, always.

export default {
  startup() {
    setTimeout(() => process.exit(3), 50);
  },
  fetch() {},
};
