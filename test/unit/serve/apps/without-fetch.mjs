export default { fetsh() {} };
