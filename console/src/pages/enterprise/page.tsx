import { useParams, Link } from "wouter";
import { useIdentity } from "../../reader";
import { useTaste } from "../../taste";
import { CardOf } from "./card";
import { SearchBox } from "./search";
import "./style.css";

const SOME = [
  ["91000000MAX000015T", "武汉楚精灵医疗科技有限公司"],
  ["91000000MAX000023M", "江西众加利高科技股份有限公司"],
] as const;

export default function EnterprisePage() {
  const { uscc } = useParams<{ uscc?: string }>();
  const { t } = useTaste();
  const { demo } = useIdentity();
  return (
    <>
      <SearchBox />
      {uscc ? (
        <CardOf key={uscc} uscc={decodeURIComponent(uscc)} />
      ) : (
        <div className="first">
          <h1>{t("find")}</h1>
          <p>{t("start")}</p>
          {demo.length > 0 && <p>{t("startDemo")}</p>}
          <p className="muted">{t("tryThese")}</p>
          <ul>
            {SOME.map(([code, name]) => (
              <li key={code}>
                <Link href={`/enterprises/${code}`} lang="zh-CN">
                  {name}
                </Link>{" "}
                <code className="muted">{code}</code>
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}
