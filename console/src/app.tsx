/** The frame around every page: where one can go, who one is, and how one likes to read. */

import { lazy, Suspense, useEffect } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { IdentityPicker } from "./parts/identity";
import { useTaste, type Theme } from "./taste";
import type { Word } from "./words";

const Explore = lazy(() => import("./pages/explore/page"));
const Enterprise = lazy(() => import("./pages/enterprise/page"));
const Rankings = lazy(() => import("./pages/rankings/page"));
const Sources = lazy(() => import("./pages/sources/page"));
const Access = lazy(() => import("./pages/access/page"));

const PLACES: [string, Word][] = [
  ["/enterprises", "enterprises"],
  ["/rankings", "rankings"],
  ["/sources", "sources"],
  ["/access", "access"],
  ["/explore", "explore"],
];

export function App() {
  const { t, language, setLanguage, theme, setTheme } = useTaste();
  const [location] = useLocation();
  const here = PLACES.find(([path]) => location.startsWith(path));

  useEffect(() => {
    document.title = here ? `${t(here[1])} · innograph` : "innograph";
  }, [here, t]);

  return (
    <div className="shell">
      <a className="skip" href="#page">
        {t("skip")}
      </a>
      <header className="rail">
        <Link href="/enterprises" className="mark">
          <span className="mark-name">innograph</span>
          <span className="mark-sub" lang="zh-CN">
            企业创新积分数据枢纽
          </span>
        </Link>
        <nav aria-label={t("places")}>
          {PLACES.map(([path, word]) => (
            <Link key={path} href={path} aria-current={location.startsWith(path) ? "page" : undefined}>
              {t(word)}
            </Link>
          ))}
          <a href="/docs">{t("docs")}</a>
        </nav>
        <div className="rail-foot">
          <IdentityPicker />
          <div className="tastes">
            <button
              type="button"
              className="quiet"
              lang={language === "en" ? "zh-CN" : "en"}
              onClick={() => setLanguage(language === "en" ? "zh" : "en")}
            >
              {language === "en" ? "中文" : "English"}
            </button>
            <label className="sr" htmlFor="theme">
              {t("theme")}
            </label>
            <select id="theme" value={theme} onChange={(event) => setTheme(event.target.value as Theme)}>
              <option value="system">{t("themeSystem")}</option>
              <option value="light">{t("themeLight")}</option>
              <option value="dark">{t("themeDark")}</option>
            </select>
          </div>
        </div>
      </header>
      <main id="page" tabIndex={-1}>
        <Suspense fallback={<p className="loading">{t("loading")}</p>}>
          <Switch>
            <Route path="/">
              <Redirect to="/enterprises" replace />
            </Route>
            <Route path="/explore" component={Explore} />
            <Route path="/enterprises/:uscc?" component={Enterprise} />
            <Route path="/rankings" component={Rankings} />
            <Route path="/sources" component={Sources} />
            <Route path="/access" component={Access} />
            <Route>
              <p>{t("nothingHere")}</p>
            </Route>
          </Switch>
        </Suspense>
      </main>
    </div>
  );
}
