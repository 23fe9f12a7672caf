export default {
  startup() {
    throw null;
  },
  fetch() {},
};
