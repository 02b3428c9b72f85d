// The theme is an attribute of <html> that boot.js sets before the first paint.
export function ThemeProvider({ children }) {
  return children;
}
export const useTheme = () => ({ theme: "system", resolvedTheme: "light", setTheme() {} });
