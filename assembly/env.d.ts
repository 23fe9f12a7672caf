// Two names that TypeScript insists on and AssemblyScript's own declarations lack.

interface CallableFunction extends Function {}
interface NewableFunction extends Function {}
