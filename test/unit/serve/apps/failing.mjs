export default {
  *startup() {
    throw new Error("no database");
  },
  fetch() {},
};
