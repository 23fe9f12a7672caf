throw new Error("broken at its top");
